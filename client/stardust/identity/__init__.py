"""Who a person is: account key, devices, certificates, safety numbers, invites, profile."""
