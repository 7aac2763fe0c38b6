"""UnionPay (银联) 全渠道 5.1.0: pages, apps, cards on file and codes both ways, in signed forms.

Here: `member` (who we are there), `messages` (forms in and out, numbers, times), `signing` and
`certificates` (what is signed, and whose signature is believed), `scenes` (what each scene
becomes), `reasons` (what the codes mean), `line` (one question and its verified answer), `client`
(the `Channel`), `notices` (the `NoticeReader`), `bills` with `archive`, `rows` and `layout` (the
`Bills`), `simulator` (the network itself, made up).
Not here: the JSON interface of 云闪付's partner platform. docs/channels/unionpay.md says what is
settled by configuration because the sources disagree.
Who may knock: app wires them.
"""
