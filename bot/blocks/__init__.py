"""What people see: read models in, Block Kit out. Pure: no client, no session, no clock."""
