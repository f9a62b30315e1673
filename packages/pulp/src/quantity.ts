/** Sizes as Kubernetes writes them. Pure. */

const factors: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** Bytes of `100Gi`, `1e9`, `5000`; `undefined` when it is no quantity. */
export function bytesOf(quantity: string): number | undefined {
  const [, digits, suffix = ""] = /^([0-9.]+(?:e[0-9]+)?)([A-Za-z]{0,2})$/.exec(quantity) ?? [];
  const factor = factors[suffix];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}
