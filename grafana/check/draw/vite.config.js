import path from "node:path";

import react from "@vitejs/plugin-react";

export default {
  plugins: [react()],
  define: { "process.env": {}, global: "globalThis" },
  // The scrollbars of a table; they need a stylesheet's loader that is not here.
  resolve: { alias: { "react-custom-scrollbars-2": path.resolve("scrollbars.jsx") } },
  build: { target: "esnext", chunkSizeWarningLimit: 20000 },
};
