"""The demo bank: a program of its own that plays every buyer's bank and its SePay, with money that is not
real.

It lists the codes that wait in a demo market, reads each as a bank app would, "transfers", writes its own
books, and reports by signed SePay webhooks through the market's public door, as often as SePay would. It
knows of the market only what an outsider is given: DATA_DIR/demo/bank.json. It refuses to start without
DEMO=1.

Pure standard library and the pure parts of payments (VietQR, banks, references); no Django, nothing else of
the market.
"""
