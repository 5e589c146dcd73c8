"""`sibiao sim meters`: simulated meters on a bus, as `sibiao meter serve`."""

from sibiao.commands.meter import serve_command

command = serve_command
