"""What asyncio takes from `_asyncio`. The built-in one is written in C and reads the computer's
clock; this one knows only the virtual clock, whose ticks wrap as the board's do."""

import _clock


class TaskQueue:
    def __init__(self):
        self._tasks = []  # by time; those of one time in the order in which they came

    def peek(self):
        return self._tasks[0] if self._tasks else None

    def push(self, task, key=None):
        if key is None:
            key = _clock.now_us // 1000 & _clock.TICKS_MASK
        task.data = None
        task.ph_key = key
        tasks = self._tasks
        at = len(tasks)
        while at and _clock.ticks_diff(tasks[at - 1].ph_key, key) > 0:
            at -= 1
        tasks.insert(at, task)

    def pop(self):
        return self._tasks.pop(0)

    def remove(self, task):
        self._tasks.remove(task)
        task.data = None


class Task:
    # `state`: True while it runs, a TaskQueue of those that await it, None when it has ended and
    # nobody has, False when somebody has. `data`: the queue it stands in, or an exception to come.
    def __init__(self, coro, core):
        self.coro = coro
        self.data = None
        self.state = True
        self.ph_key = 0
        self._core = core  # the globals of asyncio.core

    def __iter__(self):
        if self.state is True:
            self.state = TaskQueue()
        elif self.state is None:
            self.state = False
        elif self.state and not isinstance(self.state, TaskQueue):
            raise RuntimeError("can't wait")
        return self

    def __next__(self):
        if not self.state:
            raise self.data
        awaiting = self._core["cur_task"]
        self.state.push(awaiting)
        awaiting.data = self

    def done(self):
        return not self.state

    def cancel(self):
        if not self.state:
            return False
        core = self._core
        if self is core["cur_task"]:
            raise RuntimeError("can't cancel self")
        task = self
        while isinstance(task.data, Task):
            task = task.data
        queue = core["_task_queue"]
        if hasattr(task.data, "remove"):
            task.data.remove(task)
            queue.push(task)
        elif _clock.ticks_diff(task.ph_key, _clock.now_us // 1000 & _clock.TICKS_MASK) > 0:
            queue.remove(task)
            queue.push(task)
        task.data = core["CancelledError"]
        return True
