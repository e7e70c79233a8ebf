import text from '../node_modules/oh-my-live2d/dist/index.js?raw';
import type { CubismCore } from '../src/avatar/live2d/core';

const [BEGIN, END] = ['\nvar lh;\n(function(i) {', '\nwindow.Live2DCubismCore = lh;\n'];

/** Live2D's Core 5.0, out of a package that is there for the tests alone: run in a browser's clothes. */
export async function testCore(): Promise<CubismCore> {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < 0) throw new Error('the package no longer holds the Core where it did');
  const page: { Live2DCubismCore?: CubismCore } = {};
  const run = new Function('window', 'document', 'self', 'location', 'process', text.slice(begin, end) + END);
  run(page, { currentScript: null }, { location: { href: '' } }, {}, undefined);
  const core = page.Live2DCubismCore!;
  for (;;) {
    try {
      if (core.Version.csmGetVersion() > 0) return core;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10)); // it starts by and by
    }
  }
}
