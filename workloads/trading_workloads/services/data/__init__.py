"""The service that brings bars in, checks them at the door and publishes them."""
