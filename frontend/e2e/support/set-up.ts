import { Api } from './api'
import { startGateway } from './gateway'
import { ModelServers } from './models'

export const ADMIN = { username: 'admin', password: 'correct horse battery staple' }
/** The provider that all journeys may use; those that break or slow down one open their own. */
export const SHARED = 'journeys'

/** Starts what the journeys need; what it returns ends it. Workers learn of it by the environment. */
export default async function setUp(): Promise<() => Promise<void>> {
  const models = await ModelServers.start()
  const gateway = await startGateway().catch(async (error: unknown) => {
    await models.stop()
    throw error
  })
  const stop = async () => {
    await gateway.stop()
    await models.stop()
  }
  try {
    const admin = await Api.as(gateway.url, ADMIN.username, gateway.oneTimePassword)
    await admin.changePassword(ADMIN.username, gateway.oneTimePassword, ADMIN.password)
    const shared = await new ModelServers(models.controlPort).open()
    await admin.addProvider(SHARED, shared.baseUrl)
  } catch (error) {
    await stop()
    throw error
  }
  process.env.PATCHBAY_E2E_URL = gateway.url
  process.env.PATCHBAY_E2E_MODELS = String(models.controlPort)
  return stop
}
