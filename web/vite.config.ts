import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the running back end (`make run`). */
const BACKEND = 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  build: { outDir: 'dist', emptyOutDir: true, sourcemap: false },
  server: {
    proxy: {
      '/api': BACKEND,
      '/connection': { target: BACKEND, ws: true },
    },
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
