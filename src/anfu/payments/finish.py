"""Finish: act and book until a payment is not being sent any more."""

from __future__ import annotations

from anfu.kernel.clock import Clock
from anfu.payments.book import Booking, book
from anfu.payments.payment import Payment
from anfu.payments.send import send
from anfu.payments.tools import Tools


async def finish(tools: Tools, clock: Clock, booking: Booking) -> None:
    """Book an answer, and send and book what goes on from there."""
    [booked] = await book(tools, [booking], now=clock.now())
    while isinstance(booked, Payment):
        booking = await send(tools, booked, now=clock.now())
        [booked] = await book(tools, [booking], now=clock.now())
