using System.Data.Common;
using Chasqui.Protocol;
using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Storage;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace Chasqui.Server.Errors;

/// <summary>Words what ended a REST call with an exception; what was not expected goes to the log and nowhere else.</summary>
internal sealed class ExceptionProblems(IProblemDetailsService problems, ILogger<ExceptionProblems> logger) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest } bad => Unbound(JsonErrorText.Of(bad)),
            BadHttpRequestException bad => new ProblemDetails { Status = bad.StatusCode },
            WriteRefusedException refused => StorageProblem(context, WriteErrors.Of(refused)),
            DbException unread when StorageFault.Of(unread) is not null => Unreadable(context, unread),
            _ => Unexpected(context, exception),
        };
        context.Response.StatusCode = problem.Status!.Value;
        return problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = problem });
    }

    private static ProblemDetails Unbound((string Code, string? Sentence) refusal) => new()
    {
        Status = StatusCodes.Status400BadRequest,
        Detail = refusal.Sentence,
        Extensions = { [Refusal.CodeMember] = refusal.Code },
    };

    private ProblemDetails Unreadable(HttpContext context, DbException unread)
    {
        ErrorsLog.CannotRead(logger, context.Request.Method, context.Request.Path, unread.Message);
        return StorageProblem(context, WriteErrors.StorageUnavailable);
    }

    private static ProblemDetails StorageProblem(HttpContext context, Error error)
    {
        var problem = new ProblemDetails
        {
            Status = ErrorCatalog.Status(error.Code),
            Detail = error.Message,
            Extensions = { [Refusal.CodeMember] = error.Code },
        };
        if (error.RetryAfterMs is { } wait)
        {
            problem.Extensions[Refusal.RetryAfterMember] = wait;
            context.Response.Headers.RetryAfter = Refusal.RetryAfter(wait);
        }

        return problem;
    }

    private ProblemDetails Unexpected(HttpContext context, Exception exception)
    {
        ErrorsLog.Unexpected(logger, exception, context.Request.Method, context.Request.Path);
        return new ProblemDetails { Status = StatusCodes.Status500InternalServerError };
    }
}
