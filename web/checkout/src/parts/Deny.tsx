// "This was not me": asked once more, since it blocks the payment and is told to risk.

import { useRef } from "react";
import { useWords } from "../app/language";
import { useTask } from "../app/task";
import { Trouble } from "./Status";

export function Deny({ deny }: { deny: () => Promise<void> }) {
  const words = useWords();
  const task = useTask();
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button type="button" className="link" id="refuse" onClick={() => dialog.current?.showModal()}>
        {words.notMe}
      </button>
      <dialog ref={dialog} aria-labelledby="deny-title">
        <h2 id="deny-title">{words.notMeTitle}</h2>
        <p>{words.notMeNext}</p>
        <Trouble problem={task.problem} />
        <button type="button" className="main bad" id="deny" disabled={task.busy}
          onClick={() => task.run(deny)}>
          {words.notMeYes}
        </button>
        <button type="button" className="link" onClick={() => dialog.current?.close()}>
          {words.back}
        </button>
      </dialog>
    </>
  );
}
