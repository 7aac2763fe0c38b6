// What states and roles of models are called.

import type { States } from "../../parts/StateTag";

export const MODEL_STATE: States = {
  CANDIDATE: { look: "open", en: "Candidate", zh: "候选模型" },
  CHALLENGER: { look: "wait", en: "Challenger", zh: "挑战模型" },
  CHAMPION: { look: "good", en: "Champion", zh: "现任模型" },
  RETIRED: { look: "over", en: "Retired", zh: "已停用" },
};

export const ROLE: Record<string, { en: string; zh: string }> = {
  FRAUD: { en: "Fraud", zh: "欺诈概率" },
  ANOMALY: { en: "Anomaly", zh: "异常检测" },
};
