import { markup, type Html } from './markup.ts'
import { style } from './style.ts'

/** A whole document that needs nothing from elsewhere. */
export const page = (title: string, body: Html): string =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.html

/** Our own style: what stands in it needs no escaping and would not survive it. */
const trusted = (text: string): Html => ({ html: text })
