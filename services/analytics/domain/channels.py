"""What is one channel."""


def channel_key(channel: str) -> str:
    """What two spellings of one channel have in common."""
    return channel.strip().casefold()
