import { defineConfig } from 'vitest/config';

// One entry per page: add the next page's HTML here.
const pages = { viewer: 'index.html', studio: 'studio.html' };

export default defineConfig({
  base: './',
  // Read by tests alone.
  assetsInclude: ['**/*.moc3'],
  build: {
    outDir: '../vtuber/built/web',
    emptyOutDir: true,
    // OBS 28 to 30 show pages with Chromium 103.
    target: 'chrome103',
    // The licences of what is bundled go along with it.
    license: { fileName: 'licenses.txt' },
    // three.js alone is larger than Vite's default limit.
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      input: pages,
      output: {
        codeSplitting: {
          groups: [
            { name: 'three', test: /node_modules[\\/]three[\\/]build/ },
            { name: 'socket', test: /node_modules[\\/](socket|engine)\.io/ },
          ],
        },
      },
    },
  },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
});
