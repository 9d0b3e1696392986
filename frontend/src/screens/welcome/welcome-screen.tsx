import { withoutTrailingSlash } from '../../lib/without-trailing-slash'
import { Copyable } from '../../ui/copyable'
import { StateLine } from './state-line'
import { useReadiness } from './use-readiness'
import './welcome-screen.css'

interface WelcomeScreenProps {
  /** The gateway's address, ending in a slash. */
  gateway: string
}

export function WelcomeScreen({ gateway }: WelcomeScreenProps) {
  const readiness = useReadiness(gateway)

  return (
    <main className="welcome">
      <header>
        <h1>Patchbay</h1>
        <p className="welcome-lead">One door to every language model.</p>
      </header>
      <StateLine readiness={readiness} />
      <section aria-labelledby="connect">
        <h2 id="connect">Connect a program</h2>
        <dl>
          <dt>Base URL for SDKs</dt>
          <dd>
            <Copyable name="base URL" text={`${withoutTrailingSlash(gateway)}/v1`} />
          </dd>
          <dt>Make a key, on the gateway’s machine</dt>
          <dd>
            <Copyable name="command" text="./patchbay admin create-key my-program" />
          </dd>
        </dl>
      </section>
      <nav aria-label="Documentation">
        <a href="docs">API documentation</a>
        <a href="redoc">API reference</a>
        <a href="openapi.json">OpenAPI document</a>
      </nav>
    </main>
  )
}
