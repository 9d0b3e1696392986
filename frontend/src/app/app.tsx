import { WelcomeScreen } from '../screens/welcome/welcome-screen'

export function App() {
  return <WelcomeScreen gateway={new URL('.', document.baseURI).href} />
}
