// Back from the institution's identity provider (OpenID Connect).

import type { Problem } from "@anfu/api";
import { Spin } from "antd";
import { useEffect, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { client, queries, SESSION } from "../../app/client";
import { useWords } from "../../app/words";
import { ProblemView } from "../../parts/ProblemView";
import { Frame } from "./Frame";

const words = {
  title: { en: "Single sign-on", zh: "单点登录" },
  back: { en: "Back to signing in", zh: "返回登录" },
};

export default function SignOn() {
  const t = useWords(words);
  const [params] = useSearchParams();
  const [problem, setProblem] = useState<Problem | null>(null);
  const go = useNavigate();
  useEffect(() => {
    const body = { code: params.get("code") ?? "", state: params.get("state") ?? "" };
    client
      .POST("/v1/sign_on", { body })
      .then(() => queries.resetQueries({ queryKey: SESSION }))
      .then(() => go("/", { replace: true }))
      .catch((error) => setProblem(error as Problem));
  }, [params, go]);
  return (
    <Frame title={t.title}>
      {problem === null ? <Spin /> : <ProblemView problem={problem} />}
      {problem !== null && <Link to="/">{t.back}</Link>}
    </Frame>
  );
}
