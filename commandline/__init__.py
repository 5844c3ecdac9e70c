"""What the commands in `jobs/` share: groups of options, types of arguments, running an action."""
