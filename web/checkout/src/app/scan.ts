// What a scanned code asks for.

import { useCallback, useEffect, useState } from "react";
import { ask, Problem, type Schemas } from "./api";

export type Scanned = Schemas["ScanDocument"];

export function useScan(code: string, draw: boolean) {
  const [scanned, setScanned] = useState<Scanned | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const read = useCallback(async () => {
    try {
      setScanned(await ask("/v1/checkout/scan", { code, draw }));
      setProblem(null);
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
      else throw error;
    }
  }, [code, draw]);
  useEffect(() => void read(), [read]);
  return { scanned, problem, read };
}
