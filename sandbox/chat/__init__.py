"""The Telegram side: the Bot API, updates by long poll or webhook, and what virtual people do in their chats."""
