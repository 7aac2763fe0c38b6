"""Proposals: a change of policy, made by one person and decided on by another.

Here: the proposal, its papers, its states, and the journey that decides on it and applies it.
Not here: what a change means; each subject brings a function that applies it.
Who may knock: rules, lists, models and cases propose; the API decides.
"""
