"""The staff: two administrators let everybody else in, as everywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from anfu.simulation.office.member import Building, Member

ADMINS = (("zhao.min", "赵敏"), ("qian.wei", "钱伟"))
# Each role, the two that a second person is often needed of twice.
OTHERS = (
    ("sun.li", "孙丽", "analyst"),
    ("li.na", "李娜", "approver"),
    ("zhou.jie", "周杰", "approver"),
    ("wu.fang", "吴芳", "reviewer"),
    ("zheng.kai", "郑凯", "reviewer"),
    ("wang.fang", "王芳", "finance"),
    ("feng.tao", "冯涛", "finance"),
    ("chen.hao", "陈浩", "compliance"),
    ("chu.yan", "褚燕", "auditor"),
    ("wei.dong", "卫东", "viewer"),
)
Invite = Callable[[str, str], Awaitable[str]]
"""Makes an administrator of a login and a name, as the command line does; the link's token."""
Later = Callable[[], Awaitable[None]]
"""Lets the period of a code go by: a code is good once."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Who there is, signed in: by login, in the order they came."""

    members: Mapping[str, Member]
    roles: Mapping[str, str]

    def of(self, role: str) -> Sequence[Member]:
        """Those of a role."""
        return [self.members[login] for login, has in self.roles.items() if has == role]


async def hire(building: Building, password: str, invite: Invite, later: Later) -> Staff:
    """Everybody, with one password made for this run. Raises OutsideFailure."""
    roles = {login: "admin" for login, _ in ADMINS} | {login: role for login, _, role in OTHERS}
    members = {login: Member(building, login, password) for login in roles}
    admins = [members[login] for login, _ in ADMINS]
    for admin, (login, name) in zip(admins, ADMINS, strict=True):
        await admin.enlist(await invite(login, name))
    await later()
    for admin in admins:
        await admin.sign_in()
    for login, name, role in OTHERS:
        form = {"login": login, "name": name, "roles": [role]}
        made = await admins[0].post("/v1/staff", form)
        await members[login].enlist(made["invitation"])
    await _let_in(admins[1])
    await later()
    await asyncio.gather(*(members[login].sign_in() for login, *_ in OTHERS))
    return Staff(members, roles)


async def _let_in(admin: Member) -> None:
    """The second administrator has spoken to each of them."""
    waiting = await admin.get("/v1/staff_changes?state=OPEN&limit=100")
    for proposal in waiting["data"]:
        path = f"/v1/staff_changes/{proposal['id']}/approve"
        await admin.post(path, {"note": "本人已核实 spoken to in person"})
