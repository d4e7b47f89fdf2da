"""Between a provider and a row.

| module | what |
|---|---|
| `channel` | what a provider is told, what it answers, what comes in: frozen values |
| `twilio_sms`, `telegram` | the two channels; nobody else imports the vendors' libraries |
| `http_call` | one HTTP request with time limits, without retries, under both libraries |
| `webhooks` | what providers post to us, verified and parsed; `parsing` their bodies |
| `inbox` | stored before it is answered; handed to the bot in order per address |
| `outbox` | the only way to say anything to anyone: enqueue, claim, send, settle |
| `checks`, `settling` | the last look before a message leaves; what follows from an outcome (pure) |
| `asking`, `matching` | asking the provider what became of a try; which of its messages is whose (pure) |
| `receipts` | what a provider reports later; moves a message forward only |
| `consent`, `addresses` | who may be written to, and how |
| `lanes`, `rate` | one sending identity, its owner and its rate |
| `polling` | Telegram by long polling |
| `looking` | looking for what no webhook brought: `inbound_list` by Twilio's list, `pending` by Telegram's queue |
| `patience` | how a provider is asked about things: pace, and pauses after trouble |
| `setup` | channels and lanes from settings |
"""
