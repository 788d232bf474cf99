output "tracking_uri" {
  description = "MLFLOW_TRACKING_URI, once the name points at the load balancer"
  value       = "https://${var.hostname}"
}

output "load_balancer" {
  description = "What the name has to point at"
  value       = aws_lb.server.dns_name
}

output "dvc_remote" {
  description = "dvc remote add -d store ADDRESS"
  value       = "s3://${aws_s3_bucket.data["dvc"].bucket}"
}
