/** What may come out of Markdown: a short list of elements without ids, names, styles, handlers or raw HTML. */

import type { Options } from 'rehype-sanitize'

/** Given whole: nothing of rehype-sanitize's own defaults is kept. */
export const cleanSchema: Options = {
  tagNames: [
    ...['p', 'br', 'hr', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'ul', 'ol', 'li'],
    ...['table', 'thead', 'tbody', 'tr', 'th', 'td', 'strong', 'em', 'del', 'code', 'a', 'img', 'input', 'sup', 'mark'],
  ],
  attributes: {
    a: ['href'],
    img: ['src', 'alt'],
    code: [['className', /^language-./, 'math-inline', 'math-display']],
    input: [['type', 'checkbox'], 'checked', ['disabled', true]],
    ol: ['start'],
    ul: [['className', 'contains-task-list']],
    li: [['className', 'task-list-item']],
    th: ['align'],
    td: ['align'],
  },
  required: { input: { type: 'checkbox', disabled: true } },
  protocols: { href: ['http', 'https', 'mailto'] },
  ancestors: { li: ['ol', 'ul'], tbody: ['table'], td: ['table'], th: ['table'], thead: ['table'], tr: ['table'] },
  strip: ['script', 'style'],
  allowComments: false,
  allowDoctypes: false,
}
