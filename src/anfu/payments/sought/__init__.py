"""Payments and refunds as staff look for them: many filters, bounded work."""
