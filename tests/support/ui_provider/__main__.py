from tests.support.control import main
from tests.support.ui_provider.server import Models

main(Models())
