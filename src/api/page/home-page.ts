/** What is at `/` where the page has not been built: what runs here and where. It loads nothing. */
export const HOME_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Grapevine</title>
  </head>
  <body>
    <h1>Grapevine</h1>
    <p>A knowledge graph of what posts say, kept up to date and open to GraphQL. The page that shows it has not been built: npm run build.</p>
    <ul>
      <li><a href="/graphql">/graphql</a>: ask the graph, in the browser or with a JSON POST; subscribe with server-sent events</li>
      <li><a href="/healthz">/healthz</a>: this process runs</li>
      <li><a href="/readyz">/readyz</a>: the graph answers</li>
      <li><a href="/metrics">/metrics</a>: numbers of this process for Prometheus</li>
    </ul>
  </body>
</html>
`;
