"""The page: a wall of virtual phones and chats."""
