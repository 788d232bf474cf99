# PostgreSQL for the runs. Its password is made and kept by AWS: it stands in no file, and not in the state.
resource "aws_db_subnet_group" "runs" {
  name       = var.name
  subnet_ids = var.private_subnet_ids
}

resource "aws_db_instance" "runs" {
  identifier                    = var.name
  engine                        = "postgres"
  engine_version                = "17"
  instance_class                = var.database_class
  allocated_storage             = 20
  max_allocated_storage         = 200
  db_name                       = "mlflow"
  username                      = "mlflow"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = aws_kms_key.data.arn
  storage_encrypted             = true
  kms_key_id                    = aws_kms_key.data.arn
  db_subnet_group_name          = aws_db_subnet_group.runs.name
  vpc_security_group_ids        = [aws_security_group.database.id]
  publicly_accessible           = false
  backup_retention_period       = var.keep_days
  deletion_protection           = true
  final_snapshot_identifier     = "${var.name}-last"
  auto_minor_version_upgrade    = true
  copy_tags_to_snapshot         = true
}
