/**
 * Loaded before an operator whose host's clock is wrong: every `Date` is off by CLOCK_SKEW_MS. Timers go by another
 * clock, as on a real host. TLS asks the kernel, so certificates are not a matter of this.
 */
const skewMs = Number(process.env["CLOCK_SKEW_MS"]);
const Right = Date;

globalThis.Date = new Proxy(Right, {
  construct: (target, given: readonly unknown[], self: NewableFunction) =>
    Reflect.construct(target, given.length === 0 ? [Right.now() + skewMs] : given, self),
  get: (target, member) =>
    member === "now" ? () => Right.now() + skewMs : Reflect.get(target, member, target),
});
