"""Models: ONNX inside the decision, brought by training or by the bank itself.

Here: a model's declaration and bytes, its matrix, the scorers in force, the probe that looks at a
foreign model outside this process, the registry, and reasons in words.
Not here: training, cards and drift, which are the lab's; what a score leads to, which a rule says.
Who may knock: the engine scores through `serving`; the doors register, propose and follow.
"""
