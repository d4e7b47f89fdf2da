"""The console: server-rendered pages for administrators, clerks, handlers, integrity officers.

| module | what |
|---|---|
| `app` | puts the pages into an aiohttp application |
| `routes` | every page with its address and the right it needs |
| `visit` | one request: who asks, in which language, from which browser |
| `security` | headers, origin, form tokens, cookies |
| `words`, `rendering` | the words of the pages in two languages, templates |
| `fields` | what a form sends, checked, with the errors beside the fields |
| `pages/` | the pages themselves, one module for each subject |
"""
