// An address that is not whole: opened without what stands behind the #.

import { Status } from "../parts/Status";
import { Shell } from "../parts/Shell";
import { useWords } from "../app/language";

export function Broken() {
  const words = useWords();
  return (
    <Shell>
      <section className="card">
        <Status mood="note" title={words.noKey} state="checkout_link_invalid">
          <p>{words.noKeyNext}</p>
        </Status>
      </section>
    </Shell>
  );
}
