# The server: the image of deploy/mlflow, on Fargate. It passes files on, so that only it needs the store.
data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "artifacts" {
  statement {
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.data["artifacts"].arn]
  }
  statement {
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = ["${aws_s3_bucket.data["artifacts"].arn}/*"]
  }
  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.data.arn]
  }
}

data "aws_iam_policy_document" "password" {
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_db_instance.runs.master_user_secret[0].secret_arn]
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.data.arn]
  }
}

resource "aws_iam_role" "server" {
  name               = "${var.name}-server"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_role_policy" "artifacts" {
  name   = "artifacts"
  role   = aws_iam_role.server.id
  policy = data.aws_iam_policy_document.artifacts.json
}

resource "aws_iam_role" "start" {
  name               = "${var.name}-start"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_role_policy_attachment" "start" {
  role       = aws_iam_role.start.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role_policy" "password" {
  name   = "password"
  role   = aws_iam_role.start.id
  policy = data.aws_iam_policy_document.password.json
}

resource "aws_cloudwatch_log_group" "server" {
  name              = "/${var.name}/mlflow"
  retention_in_days = var.keep_days
}

resource "aws_ecs_cluster" "server" {
  name = var.name
}

resource "aws_ecs_task_definition" "server" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 1024
  memory                   = 4096
  task_role_arn            = aws_iam_role.server.arn
  execution_role_arn       = aws_iam_role.start.arn

  container_definitions = jsonencode([{
    name         = "mlflow"
    image        = var.image
    essential    = true
    portMappings = [{ containerPort = 5000 }]
    environment = [
      { name = "DATABASE_HOST", value = aws_db_instance.runs.address },
      { name = "DATABASE_TLS", value = "require" },
      { name = "ARTIFACTS", value = "s3://${aws_s3_bucket.data["artifacts"].bucket}" },
      { name = "ALLOWED_HOSTS", value = var.hostname },
      { name = "AWS_DEFAULT_REGION", value = var.region },
    ]
    secrets = [
      {
        name      = "DATABASE_PASSWORD"
        valueFrom = "${aws_db_instance.runs.master_user_secret[0].secret_arn}:password::"
      },
    ]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.server.name
        awslogs-region        = var.region
        awslogs-stream-prefix = "mlflow"
      }
    }
  }])
}

resource "aws_ecs_service" "server" {
  name            = var.name
  cluster         = aws_ecs_cluster.server.id
  task_definition = aws_ecs_task_definition.server.arn
  launch_type     = "FARGATE"
  desired_count   = 1
  # one at a time: two would bring the database's tables up to date against each other
  deployment_maximum_percent         = 100
  deployment_minimum_healthy_percent = 0
  health_check_grace_period_seconds  = 180
  depends_on                         = [aws_lb_listener.https]

  network_configuration {
    subnets         = var.private_subnet_ids
    security_groups = [aws_security_group.server.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.server.arn
    container_name   = "mlflow"
    container_port   = 5000
  }
}
