"""The board's littlefs, on the host: an image from files, and files from a running flash."""

from littlefs import LittleFS
from littlefs.errors import LittleFSError

from sibiao.errors import SibiaoError

FS_START = 0xA0000
BLOCK_SIZE = 4096
BLOCK_COUNT = 352
_GEOMETRY = {
    "block_size": BLOCK_SIZE,
    "block_count": BLOCK_COUNT,
    "read_size": 32,
    "prog_size": 256,
    # Files are kept inside directory blocks up to a size that follows from the cache: the same
    # cache as the firmware gives the same layout.
    "cache_size": 1024,
    "lookahead_size": 32,
    "disk_version": 0x0002_0001,
}


def build_littlefs(files: dict[str, bytes]) -> bytes:
    """A file system as the firmware would have written it: {"/a/main.py": b"..."}."""
    fs = LittleFS(**_GEOMETRY)
    for name, data in files.items():
        path = "/" + name.strip("/")
        folder = path.rpartition("/")[0]
        try:
            if folder:
                fs.makedirs(folder, exist_ok=True)
            with fs.open(path, "wb") as file:
                file.write(data)
        except LittleFSError as error:
            raise SibiaoError(
                f"{path} ({len(data)} bytes) does not go into the Pico's file system: {error}"
            ) from None
    return bytes(fs.context.buffer)


def read_littlefs(image: bytes) -> dict[str, bytes]:
    """Every file of a file system image, from a copy: what is running is not touched."""
    fs = LittleFS(mount=False, **_GEOMETRY)
    fs.context.buffer[:] = image
    try:
        fs.mount()
        found = {}
        for folder, _, names in fs.walk("/"):
            for name in names:
                path = folder.rstrip("/") + "/" + name
                with fs.open(path, "rb") as file:
                    found[path] = file.read()
    except LittleFSError as error:
        raise SibiaoError(f"the Pico's flash holds no readable file system: {error}") from None
    return found


def of_flash(flash: bytes) -> bytes:
    """The file system's part of a whole flash."""
    return flash[FS_START : FS_START + BLOCK_SIZE * BLOCK_COUNT]
