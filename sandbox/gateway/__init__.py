"""A carrier's plain HTTP interface for SMS, with phones, ledger, faults and receipts as Twilio's twin has them."""
