// A passkey is set up, by a ticket.

import {
  browserSupportsWebAuthn, type PublicKeyCredentialCreationOptionsJSON, startRegistration,
} from "@simplewebauthn/browser";
import { useState } from "react";
import { ask, once, refusal } from "../app/api";
import { useWords } from "../app/language";
import { useTask } from "../app/task";
import { Shell } from "../parts/Shell";
import { Status, Trouble } from "../parts/Status";

export function Setup({ ticket }: { ticket: string }) {
  const words = useWords();
  const task = useTask();
  const [state, setState] = useState<string | null>(null);
  const create = () =>
    task.run(async () => {
      if (!browserSupportsWebAuthn()) throw refusal("unsupported", words.unsupported);
      const setup = await ask("/v1/checkout/setup", { ticket });
      const optionsJSON = setup.options as unknown as PublicKeyCredentialCreationOptionsJSON;
      const answer = { attestation: await startRegistration({ optionsJSON }) };
      setState((await ask("/v1/checkout/confirm", { ticket, once: once(), answer })).state);
    });
  return (
    <Shell>
      <section className="card">
        {state !== null ? (
          <Status mood="good" title={words.setupDone} state={state}>
            {state !== "ACTIVE" && <p>{words.setupPending}</p>}
          </Status>
        ) : (
          <>
            <h1>{words.setup}</h1>
            <p>{words.setupNext}</p>
            <Trouble problem={task.problem} />
            <button type="button" id="create" className="main" disabled={task.busy} onClick={create}>
              {words.setupGo}
            </button>
          </>
        )}
      </section>
    </Shell>
  );
}
