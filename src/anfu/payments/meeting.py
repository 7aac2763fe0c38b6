"""A meeting: how payer and network come together for one payment (支付场景)."""

from __future__ import annotations

from dataclasses import dataclass, field

from anfu.channels.port import Scene
from anfu.kernel.errors import Refused
from anfu.payments.payment import BALANCE

# What a code shown or scanned is in law: 银发〔2017〕296号 limits each kind for itself.
_CODES = {
    Scene.STATIC_CODE: "static",
    Scene.DYNAMIC_CODE: "dynamic",
    Scene.PAYER_CODE: "dynamic",
}


@dataclass(frozen=True, slots=True)
class Meeting:
    """`scene` None: a card on file, or a balance. `payer_code` is what the payer has shown;
    `network_payer` whom the network knows the payer as; `return_url` where a browser comes back
    to."""

    scene: Scene | None = None
    payer_code: str | None = field(default=None, repr=False)
    network_payer: str | None = field(default=None, repr=False)
    return_url: str | None = None

    def check(self, method: str, card: str | None, code: str | None) -> None:
        """Raises Refused: scene_not_allowed, card_required, card_not_allowed, payer_code_required,
        payer_code_not_allowed, network_payer_required, code_contradicts_scene."""
        if method == BALANCE and self != NO_MEETING:
            raise Refused("scene_not_allowed", field="method.scene")
        on_file = method != BALANCE and self.scene in (None, Scene.ON_FILE)
        if (card is None) is on_file:
            raise Refused("card_required" if on_file else "card_not_allowed", field="method.card")
        if (self.payer_code is None) is (self.scene is Scene.PAYER_CODE):
            missing = self.payer_code is None
            code = "payer_code_required" if missing else "payer_code_not_allowed"
            raise Refused(code, field="method.payer_code")
        if self.scene is Scene.MINI_PROGRAM and self.network_payer is None:
            raise Refused("network_payer_required", field="method.network_payer")
        if code not in (None, self.code(code)):
            raise Refused("code_contradicts_scene", field="method.code")

    def code(self, code: str | None) -> str | None:
        """The kind of code the limits of 296号 go by; what the caller says, without a scene."""
        return _CODES.get(self.scene, code) if self.scene is not None else code


NO_MEETING = Meeting()
