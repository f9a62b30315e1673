/** Progress of the demo: one line per step with its time; a running step is redrawn on terminals only. */
import { styleText } from "node:util";

export interface Progress {
  /** Runs one step and says how long it took. */
  step<T>(title: string, run: (say: (line: string) => void) => Promise<T>): Promise<T>;
  say(line: string): void;
}

export function progressOn(stream: NodeJS.WriteStream): Progress {
  const started = Date.now();
  const clock = (): string => {
    const seconds = Math.round((Date.now() - started) / 1000);
    return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  };
  const colour = (style: "green" | "red" | "dim", text: string): string =>
    stream.isTTY ? styleText(style, text, { stream }) : text;
  const say = (line: string): void => {
    stream.write(`${colour("dim", clock())}    ${line}\n`);
  };
  return {
    say,
    async step(title, run) {
      const begun = Date.now();
      stream.write(`${colour("dim", clock())}  ${title} …\n`);
      try {
        const value = await run(say);
        stream.write(
          `${colour("dim", clock())}  ${colour("green", "✓")} ${title} (${((Date.now() - begun) / 1000).toFixed(1)} s)\n`,
        );
        return value;
      } catch (error) {
        stream.write(`${colour("dim", clock())}  ${colour("red", "✗")} ${title}\n`);
        throw error;
      }
    },
  };
}
