"""Authentication: is it the customer who orders this payment, and exactly this one?

Here: the vocabulary of factors and their classes (43号 art. 22), the factors customers set up
(`enrolled`) and how each is verified, challenges bound to payment, payee, amount, currency and
order (dynamic linking: 43号 art. 27, RTS 2018/389 art. 5), the step-up `policy`, rates of codes.
Not here: sending a message (it returns what to send), limits, what a verdict means for a payment.
Who may knock: payments and the doors above it. `queries` and `operations` own the table.
"""
