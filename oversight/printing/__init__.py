"""Shows a finished report (`oversight.table.Report`) as page, CSV, XLSX, DOCX and PDF, in one language or two.

| module | what |
|---|---|
| `figures`, `widths` | one cell in words; how wide a text is |
| `paper` | the report laid out once, for every format: head, tables, sentence, notes, foot |
| `charts` | a chart as SVG or PNG |
| `csv_file`, `xlsx_file`, `docx_file`, `pdf_file` | the formats |
| `press` | all of it off the event loop, a few at a time |
| `frozen` | a report as JSON and back, for what was prepared for issue |
"""
