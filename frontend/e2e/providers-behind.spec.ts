import { expect, test } from './support/journey'
import { numbered } from './support/models'

const ask = (model: string) => ({ model, messages: [{ role: 'user', content: 'words=5 rate=999' }] })

test('the provider of a journey answers, remembers, goes down and comes back', async ({ person, provider, models }) => {
  const call = () => person.api.call('POST', '/llm-providers/chat', ask(`${provider}/steady`))

  expect((await call()).content.split(' ')).toEqual(numbered(5))
  expect((await models.chats())[0].messages).toEqual([{ role: 'user', content: 'words=5 rate=999' }])

  await models.goDown()
  await expect(call()).rejects.toThrow('provider_unreachable')

  await models.comeBack()
  await expect
    .poll(() =>
      call().then(
        (data) => data.content.length,
        () => 0,
      ),
    )
    .toBeGreaterThan(0)
})
