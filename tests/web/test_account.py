from tests.web.pages import get_page


def test_pages_of_account_and_people(client_as):
    client = client_as("admin", name="Maya Ortiz")
    page = get_page(client, "/account/")
    assert page.headings == ["Your account"]
    get_page(client, "/people/")
    get_page(client, "/account/passkeys")
    get_page(client, "/account/two-factor")
    get_page(client, "/account/recovery-codes")
    get_page(client, "/sign-in/again")


def test_sign_in_page(client):
    get_page(client, "/sign-in")
    get_page(client, "/sign-in/passkey")
