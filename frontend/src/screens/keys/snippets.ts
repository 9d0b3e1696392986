// Calls that run as they stand, against this gateway and with this key.

export interface Call {
  /** The gateway's address, without a slash at its end. */
  gateway: string
  key: string
  model: string
}

export function curlSnippet({ gateway, key, model }: Call): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] })
  return [
    `curl -s ${gateway}/v1/chat/completions \\`,
    `  -H 'Authorization: Bearer ${key}' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '${body.replaceAll("'", "'\\''")}'`,
  ].join('\n')
}

export function pythonSnippet({ gateway, key, model }: Call): string {
  return [
    '# pip install openai',
    'from openai import OpenAI',
    '',
    `client = OpenAI(base_url=${JSON.stringify(`${gateway}/v1`)}, api_key=${JSON.stringify(key)})`,
    'reply = client.chat.completions.create(',
    `    model=${JSON.stringify(model)},`,
    '    messages=[{"role": "user", "content": "Hello"}],',
    ')',
    'print(reply.choices[0].message.content)',
  ].join('\n')
}

export function javascriptSnippet({ gateway, key, model }: Call): string {
  return [
    '// npm install openai; save as hello.mjs, run: node hello.mjs',
    "import OpenAI from 'openai'",
    '',
    `const client = new OpenAI({ baseURL: ${JSON.stringify(`${gateway}/v1`)}, apiKey: ${JSON.stringify(key)} })`,
    'const reply = await client.chat.completions.create({',
    `  model: ${JSON.stringify(model)},`,
    "  messages: [{ role: 'user', content: 'Hello' }],",
    '})',
    'console.log(reply.choices[0].message.content)',
  ].join('\n')
}
