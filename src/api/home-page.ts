/** The page at `/`: what runs here and where. It loads nothing. */
export const HOME_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Grapevine</title>
    <style>
      :root { color-scheme: light dark; font: 16px/1.6 system-ui, sans-serif; }
      body { max-width: 40rem; margin: 4rem auto; padding: 0 1rem; }
      code { font-family: ui-monospace, monospace; }
    </style>
  </head>
  <body>
    <h1>Grapevine</h1>
    <p>A knowledge graph of what posts say, kept up to date and open to GraphQL.</p>
    <ul>
      <li><a href="/graphql">/graphql</a>: ask the graph, in the browser or with a JSON POST; subscribe with server-sent events</li>
      <li><a href="/healthz">/healthz</a>: this process runs</li>
      <li><a href="/readyz">/readyz</a>: the graph answers</li>
      <li><a href="/metrics">/metrics</a>: numbers of this process for Prometheus</li>
    </ul>
  </body>
</html>
`;
